import { runIn } from "./run-in.ts";

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** What the installer settles on a system, so that two can be compared: files with content and rights, packages, services, rules. */
export async function systemState(vps: string) {
  const ask = async (script: string) => lines(await runIn(vps, "sh", "-c", script));
  return {
    files: await ask(
      `cd / && find ${OURS} -xdev -type f 2>/dev/null | sort | while read -r file; do
         printf '%s %s %s\\n' "$(sha256sum <"$file" | cut -c1-12)" "$(stat -c '%a %U' "$file")" "$file"
       done
       readlink /opt/wopr/current`,
    ),
    packages: await ask("dpkg --get-selections | sort"),
    enabled: await ask("systemctl list-unit-files --state=enabled --no-legend --plain | cut -d' ' -f1 | sort"),
    running: await ask(
      "systemctl is-active docker ufw fail2ban unattended-upgrades wopr-agent wopr-published-ports ssh || true",
    ),
    firewall: await ask(
      "ufw show added; iptables -S DOCKER-USER; iptables -S WOPR-PUBLISHED; ip6tables -S WOPR-PUBLISHED",
    ),
  };
}

/** Besides that of the packages: what the installer writes. */
const OURS =
  "opt/wopr etc/wopr etc/docker/daemon.json etc/fail2ban/jail.d etc/apt/apt.conf.d etc/update-motd.d etc/systemd/system etc/sudoers.d/owner usr/local/bin home/owner/.ssh";

/** When all that a second run could touch was last touched or started. */
export const lastTouched = (vps: string) =>
  runIn(
    vps,
    "sh",
    "-c",
    `cd / && find ${OURS} etc/ufw -xdev -exec stat -c '%n %Y' {} + 2>/dev/null | sort
     systemctl show -p Id,ActiveEnterTimestampMonotonic docker ufw fail2ban unattended-upgrades wopr-agent wopr-published-ports
     docker ps --format '{{.ID}} {{.Names}}' | sort`,
  );

import { Problem } from "#shared/problem.ts";
import type { UserData } from "../providers/provider.ts";

/** What a new server is told, so that it becomes one certain beacon. Nothing in it stays secret. */
export interface Birth {
  /** Origin of the hub as the server reaches it. */
  readonly hub: string;
  /** One-time token: dies on its first use, or in an hour. */
  readonly enrolmentToken: string;
  /** SHA-256 of the `install.sh` that the hub serves, as hexadecimal digits. */
  readonly installerSha256: string;
  /** Raw Ed25519 key under which releases are signed, in base64url. */
  readonly releaseKey: string;
  /** Who gets in over SSH besides the provider's own key: one line of `authorized_keys`. */
  readonly ownerKey?: string | undefined;
  /** `host:port` of a registry that is asked first for every image. */
  readonly registryMirror?: string | undefined;
  /** Who issues certificates; a public authority when absent. */
  readonly certificates?: "internal" | "acme" | undefined;
}

/** What all providers take, and 64 KiB is what some take: https://docs.cloud-init.io/en/latest/explanation/format.html */
export const USER_DATA_LIMIT_BYTES = 16 * 1024;

const FOLDER = "/var/lib/wopr-bootstrap";
const UNIT = "wopr-bootstrap.service";
const UNIT_FILE = `/etc/systemd/system/${UNIT}`;

interface File {
  readonly path: string;
  readonly mode: string;
  readonly text: string;
}

/**
 * Writes what a new server runs at its first boot: a unit of systemd that fetches `install.sh` from the hub, holds it against its
 * checksum and runs it, again and again, also after a reboot, until the server is a beacon or somebody is needed.
 * @throws {Problem} `invalid_input` for a value that cannot be written down exactly, and `too_large`
 */
export function renderUserData(birth: Birth): UserData {
  const files = [
    { path: `${FOLDER}/bootstrap.sh`, mode: "0700", text: bootstrapScript(birth) },
    { path: UNIT_FILE, mode: "0644", text: unit },
  ];
  const userData = { cloudConfig: cloudConfigOf(files), script: scriptOf(files) };
  for (const text of [userData.cloudConfig, userData.script]) assertFits(text);
  return userData;
}

const start = ["systemctl", "enable", "--now", "--no-block", UNIT];

/** https://docs.cloud-init.io/en/latest/reference/modules.html#write-files and #runcmd */
const cloudConfigOf = (files: readonly File[]) =>
  [
    "#cloud-config",
    "write_files:",
    ...files.flatMap(({ path, mode, text }) => [
      `  - path: ${path}`,
      `    permissions: "${mode}"`,
      "    content: |",
      ...text.trimEnd().split("\n").map(indented),
    ]),
    "runcmd:",
    `  - [${start.join(", ")}]`,
    "",
  ].join("\n");

const indented = (line: string) => (line === "" ? "" : `      ${line}`);

const scriptOf = (files: readonly File[]) =>
  [
    "#!/bin/bash",
    "set -eu",
    `install -d -m 0700 ${FOLDER}`,
    ...files.flatMap(({ path, mode, text }) => [
      `cat >${path} <<'END_OF_FILE'`,
      text.trimEnd(),
      "END_OF_FILE",
      `chmod ${mode} ${path}`,
    ]),
    start.join(" "),
    "",
  ].join("\n");

/** `Restart=` holds for oneshot units since systemd 245, and all systems that we support have a later one: https://github.com/NixOS/nixpkgs/pull/90604 */
const unit = `[Unit]
Description=Makes this server a beacon of WOPR
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/sh ${FOLDER}/bootstrap.sh
Restart=on-failure
RestartSec=15s
# What does not get better by trying again.
RestartPreventExitStatus=2

[Install]
WantedBy=multi-user.target
`;

const bootstrapScript = (birth: Birth) => `#!/bin/sh
# Makes this server a beacon. The token below dies on its first use, or an hour after it was made.
set -eu
umask 077
hub=${quoted(birth.hub)}
token=${quoted(birth.enrolmentToken)}
installer_sha256=${quoted(birth.installerSha256)}
release_key=${quoted(birth.releaseKey)}
folder=${FOLDER}

fetch() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --proto '=http,https' --max-time 120 --output "$2" "$1"
  else
    wget --quiet --timeout=60 --output-document="$2" "$1"
  fi
}

if [ ! -e /etc/wopr/installed ]; then
  echo "Fetching the installer from $hub"
  fetch "$hub/install.sh" "$folder/install.sh"
  if ! echo "$installer_sha256  $folder/install.sh" | sha256sum --check --status; then
    echo "The installer of $hub is not the one that this server was told of. It is fetched again in a moment." >&2
    echo "If this goes on, the hub was updated since: order the server anew, or run its new install.sh by hand." >&2
    exit 1
  fi
  printf '%s' "$token" >"$folder/token"
  sh "$folder/install.sh" --hub "$hub" --release-key "$release_key" --token-file "$folder/token"${optionsOf(birth)}
fi
systemctl disable ${UNIT}
rm -rf ${UNIT_FILE} "$folder"
`;

const optionsOf = ({ ownerKey, registryMirror, certificates }: Birth) =>
  [
    ["--owner-key", ownerKey],
    ["--registry-mirror", registryMirror],
    ["--certificates", certificates],
  ]
    .flatMap(([option, value]) => (value === undefined ? [] : [` \\\n    ${option} ${quoted(value)}`]))
    .join("");

/** C0, DEL and C1 with the line breaks of YAML 1.1, byte order marks, and halves of a character. */
const UNWRITABLE = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u;

/**
 * A word of the shell that is exactly this value, and that stays itself on a line of a literal block of YAML
 * (https://yaml.org/spec/1.1/#id868524).
 */
function quoted(value: string): string {
  if (UNWRITABLE.test(value)) {
    throw new Problem(
      "invalid_input",
      "a value for a new server has characters that cannot be written into its user data",
    );
  }
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

function assertFits(text: string): void {
  const sizeBytes = Buffer.byteLength(Buffer.from(text).toString("base64"));
  if (sizeBytes <= USER_DATA_LIMIT_BYTES) return;
  throw new Problem("too_large", `the user data of a new server has ${sizeBytes} bytes, and may have 16 KiB`, {
    hint: "Shorten the key of the owner.",
  });
}

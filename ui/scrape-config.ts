/**
 * Pure: what Prometheus needs in its configuration to read `/metrics`
 * (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config).
 * @param origin of the hub or the beacon @param job under which Prometheus stores what it reads
 */
export function scrapeConfig({ origin, job, token }: { origin: string; job: string; token: string }): string {
  const { protocol, host } = new URL(origin);
  return `scrape_configs:
  - job_name: ${job}
    scheme: ${protocol.slice(0, -1)}
    authorization:
      credentials: ${token}
    static_configs:
      - targets: ["${host}"]
`;
}

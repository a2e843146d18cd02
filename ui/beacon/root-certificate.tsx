import { Button } from "../components/button.tsx";
import { downloadText } from "../download-text.ts";
import { useBeacon } from "./beacon-store.ts";

/** A beacon that signs its own certificates is trusted by whoever has its root. Others show nothing here. */
export function RootCertificate() {
  const overview = useBeacon().overview.value;
  const text = overview?.inventory?.caCertificate;
  if (overview === undefined || text === undefined) return null;
  const download = () => downloadText({ name: `${overview.name}-root.pem`, type: "application/x-pem-file", text });
  return (
    <section class="section" aria-label="Certificate">
      <div class="section-head">
        <h2>Certificate</h2>
      </div>
      <div class="offer card card-body">
        <p class="muted">
          This beacon signs its own certificates, so browsers warn. Trust its root certificate once on each of your
          devices, and the warnings are gone for all its apps.
        </p>
        <Button icon="download" onClick={download}>
          Download root certificate
        </Button>
      </div>
    </section>
  );
}

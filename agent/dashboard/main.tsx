// Before anything that makes a schema.
import "#ui/schemas-without-eval.ts";
// Before the styles of any component.
import "#ui/style/index.css";

import { render } from "preact";
import { BeaconContext, BeaconStore } from "#ui/beacon/beacon-store.ts";
import { Router, RouterContext } from "#ui/router.tsx";
import { Theme, ThemeContext } from "#ui/theme.ts";
import { Toasts, ToastsContext } from "#ui/toasts.ts";
import { createAgentApi } from "./agent-api.ts";
import { Dashboard } from "./dashboard.tsx";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no #app");

const router = new Router();
const toasts = new Toasts();
const api = createAgentApi();
const store = new BeaconStore(api.beacon, toasts);
router.start();

render(
  <ThemeContext.Provider value={new Theme()}>
    <ToastsContext.Provider value={toasts}>
      <RouterContext.Provider value={router}>
        <BeaconContext.Provider value={store}>
          <Dashboard api={api} />
        </BeaconContext.Provider>
      </RouterContext.Provider>
    </ToastsContext.Provider>
  </ThemeContext.Provider>,
  root,
);

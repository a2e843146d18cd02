// Before anything that makes a schema.
import "#ui/schemas-without-eval.ts";
// Before the styles of any component.
import "#ui/style/index.css";

import { render } from "preact";
import { Router, RouterContext } from "#ui/router.tsx";
import { Theme, ThemeContext } from "#ui/theme.ts";
import { Toasts, ToastsContext } from "#ui/toasts.ts";
import { Console } from "./console.tsx";
import { createHubApi } from "./hub-api.ts";
import { Session, SessionContext } from "./session.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no #app");

const router = new Router();
const session = new Session(createHubApi());
router.start();
void session.read();

render(
  <ThemeContext.Provider value={new Theme()}>
    <ToastsContext.Provider value={new Toasts()}>
      <RouterContext.Provider value={router}>
        <SessionContext.Provider value={session}>
          <Console />
        </SessionContext.Provider>
      </RouterContext.Provider>
    </ToastsContext.Provider>
  </ThemeContext.Provider>,
  root,
);

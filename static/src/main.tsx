import { render } from "preact";
import { followOtherTabs } from "./chat/session.ts";
import { followTheme } from "./chat/theme.ts";
import { startWorker } from "./register.ts";
import { App } from "./view/App.tsx";

followTheme();
followOtherTabs();
startWorker();
render(<App />, document.body);

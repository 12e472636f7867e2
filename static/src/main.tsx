import { render } from "preact";
import { setFileParts } from "./chat/fileParts.ts";
import { followLinks } from "./chat/joinLink.ts";
import { followOtherTabs } from "./chat/session.ts";
import { followTheme } from "./chat/theme.ts";
import { startWorker } from "./register.ts";
import { followCalendar } from "./text/times.ts";
import { followVersions } from "./version.ts";
import { App } from "./view/App.tsx";

setFileParts(() => import("./files/parts.ts"));
followTheme();
followLinks();
followOtherTabs();
followCalendar();
void followVersions(startWorker());
render(<App />, document.body);

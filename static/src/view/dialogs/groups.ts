/** The dialogs about groups: they are loaded together, when the first of them is opened. */
export { GroupInfo } from "./GroupInfo.tsx";
export { JoinGroup } from "./JoinGroup.tsx";
export { LeaveGroup } from "./LeaveGroup.tsx";
export { NewGroup } from "./NewGroup.tsx";

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { KnownGroup } from "../storage/records.ts";

/** The group whose conversation is on the screen. */
export const GroupContext = createContext<KnownGroup | undefined>(undefined);

/** The group of the open conversation. Undefined: it is with a person, or nothing is known of the group yet. */
export const useGroup = (): KnownGroup | undefined => useContext(GroupContext);

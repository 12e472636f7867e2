import { useSignal } from "@preact/signals";
import type { ComponentType, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { loadPart } from "../chat/loading.ts";
import { Dialog, focusField } from "./dialogs/Dialog.tsx";

interface LazyProps<Module, Props> {
  /** Loads the module. The same function for all that is in the module. */
  load(): Promise<Module>;
  /** Takes the component out of it. */
  pick(module: Module): ComponentType<Props>;
  readonly props: Props;
}

interface Loaded<Props> {
  /** Undefined while it is not there. */
  readonly Part: ComponentType<Props> | undefined;
  readonly hasFailed: boolean;
  attempt(): void;
}

function useLoaded<Module, Props>({ load, pick }: Pick<LazyProps<Module, Props>, "load" | "pick">): Loaded<Props> {
  const loaded = useSignal<{ readonly Part: ComponentType<Props> } | undefined>(undefined);
  const hasFailed = useSignal(false);
  const attempt = () => {
    hasFailed.value = false;
    loadPart(load).then(
      (module) => {
        loaded.value = { Part: pick(module) };
      },
      () => {
        hasFailed.value = true;
      },
    );
  };
  useEffect(attempt, []);
  return { Part: loaded.value?.Part, hasFailed: hasFailed.value, attempt };
}

const NotLoaded = ({ onRetry }: { onRetry(): void }): VNode => (
  <>
    <p class="message-bar" role="alert">
      This part of the page could not be loaded. Check the network and try again. If there is a new version of goTalk,
      reload the page: what you have typed as a message is kept.
    </p>
    <button type="button" class="primary" onClick={onRetry}>
      Try again
    </button>
    <button type="button" onClick={() => location.reload()}>
      Reload
    </button>
  </>
);

/** A part of the page that is loaded when it is shown. Where it does not load, it says so, and is tried again by a click. */
export function Lazy<Module, Props extends object>({ props, ...how }: LazyProps<Module, Props>): VNode {
  const { Part, hasFailed, attempt } = useLoaded(how);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => focusField(place.current), [Part]);
  return (
    <div ref={place} class="lazy">
      {Part && <Part {...props} />}
      {!Part && !hasFailed && <p class="hint">Loading…</p>}
      {hasFailed && <NotLoaded onRetry={attempt} />}
    </div>
  );
}

interface LazyDialogProps<Module, Props> extends LazyProps<Module, Props> {
  readonly title: string;
  onClose(): void;
}

/** A dialog whose content is loaded when it is opened. */
export const LazyDialog = <Module, Props extends object>({
  title,
  onClose,
  ...lazy
}: LazyDialogProps<Module, Props>): VNode => (
  <Dialog title={title} onClose={onClose}>
    <Lazy {...lazy} />
  </Dialog>
);

interface LoadedDialogProps<Module, Props> extends LazyProps<Module, Props> {
  /** Of the dialog that says that it did not load. */
  readonly title: string;
}

/** A dialog that is loaded as a whole when it is opened. */
export function LoadedDialog<Module, Props extends { onClose(): void }>({
  title,
  props,
  ...how
}: LoadedDialogProps<Module, Props>): VNode | null {
  const { Part, hasFailed, attempt } = useLoaded(how);
  if (Part !== undefined) return <Part {...props} />;
  if (!hasFailed) return null;
  return (
    <Dialog title={title} onClose={props.onClose}>
      <NotLoaded onRetry={attempt} />
    </Dialog>
  );
}

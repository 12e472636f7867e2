import type { ComponentChildren, VNode } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly isAlert?: boolean;
  readonly children?: ComponentChildren;
}

/** A few words in place of the page. */
export function Notice({ title, isAlert = false, children }: NoticeProps): VNode {
  return (
    <main class="notice">
      <div {...(isAlert && { role: "alert" })}>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

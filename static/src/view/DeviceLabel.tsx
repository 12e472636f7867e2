import type { VNode } from "preact";

/** The name of a device, and below it when it was used. */
export const DeviceLabel = ({ name, seen }: { name: string; seen: string }): VNode => (
  <span>
    <strong>{name}</strong>
    <small>{seen}</small>
  </span>
);

import type { VNode } from "preact";

/** The name of a device, and below it when it was used. */
export const DeviceLabel = ({ name, seen, id }: { name: string; seen: string; id?: string }): VNode => (
  <span>
    <strong>{name}</strong>
    <small id={id}>{seen}</small>
  </span>
);

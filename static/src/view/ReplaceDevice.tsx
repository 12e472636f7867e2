import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import type { ListedDevice } from "../../../lib/client/index.ts";
import { lastSeen, nameOfDevice } from "../text/devices.ts";
import { DeviceLabel } from "./DeviceLabel.tsx";

interface ReplaceDeviceProps {
  readonly devices: readonly ListedDevice[];
  readonly isBusy: Signal<boolean>;
  onReplace(form: HTMLFormElement | null, deviceId: string): void;
}

/** The user's devices, of which this one is to replace one. A part of a form. */
export const ReplaceDevice = ({ devices, isBusy, onReplace }: ReplaceDeviceProps): VNode => (
  <ul class="entries" aria-label="Devices">
    {devices.map((device) => (
      <li key={device.deviceId}>
        <DeviceLabel name={nameOfDevice(device)} seen={lastSeen(device)} />
        {/* Not a submit button: Enter in a field clicks the first of those. */}
        <button
          type="button"
          disabled={isBusy}
          aria-label={`Replace ${nameOfDevice(device)}`}
          onClick={(event) => onReplace(event.currentTarget.form, device.deviceId)}
        >
          Replace
        </button>
      </li>
    ))}
  </ul>
);

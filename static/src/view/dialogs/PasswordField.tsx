import type { VNode } from "preact";
import { PASSWORD } from "../../../../lib/contract/limits.ts";

interface PasswordFieldProps {
  readonly label: string;
  readonly name: string;
  readonly isNew?: boolean;
}

/** It accepts a password of any length: a password that the browser cuts is another password. */
export function PasswordField({ label, name, isNew = false }: PasswordFieldProps): VNode {
  return (
    <label>
      {label}
      <input
        name={name}
        type="password"
        autocomplete={isNew ? "new-password" : "current-password"}
        required
        minLength={PASSWORD.minCharacters}
      />
    </label>
  );
}

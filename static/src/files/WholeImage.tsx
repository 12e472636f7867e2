import type { VNode } from "preact";
import { useState } from "preact/hooks";

interface WholeImageProps {
  readonly src: string;
  onUnshowable?(): void;
}

/**
 * A picture that is seen as soon as all of it is loaded. Until then it is hidden: a browser would draw each part as it comes, and
 * decode anew what it has. It decodes beside the page, which need not wait for it.
 */
export function WholeImage({ src, onUnshowable }: WholeImageProps): VNode {
  const [loaded, setLoaded] = useState<string>();
  return (
    <img
      src={src}
      alt=""
      draggable={false}
      decoding="async"
      style={{ visibility: loaded === src ? "visible" : "hidden" }}
      onLoad={() => setLoaded(src)}
      onError={() => onUnshowable?.()}
    />
  );
}

const duties = new Set<() => void>();

// The last first: what uses a folder ends before the folder goes.
process.once("exit", () => {
  for (const duty of [...duties].reverse()) duty();
});

/** Does something when the test process ends, however it does, unless the returned function calls it off before. */
export function atEnd(duty: () => void): () => void {
  duties.add(duty);
  return () => void duties.delete(duty);
}

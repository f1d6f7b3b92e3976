/** Whether texts together have every word of a filter. Pure. */
export function fitting(filter: string): (...texts: readonly (string | null)[]) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (...texts) => {
    const text = texts.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/**
 * Whole printed answers of queries, by the text that asked, for as long as the views stand still. Only answers that
 * follow from the views alone are kept, so an unchanged ledger answers from memory and a changed one never does.
 */
import type { Position } from '../../../schemas/ids.ts';

export interface AnswerCache {
  get(asked: string, position: Position): Buffer | undefined;
  put(asked: string, position: Position, answer: Buffer): void;
}

const BYTES_MAX = 16 * 1024 * 1024;
const ASKED_LENGTH_MAX = 16_384;

export function createAnswerCache(bytesMax = BYTES_MAX): AnswerCache {
  const kept = new Map<string, Buffer>();
  let bytes = 0;
  let at: Position | null = null;
  const moveTo = (position: Position): void => {
    if (at === position) return;
    kept.clear();
    bytes = 0;
    at = position;
  };
  return {
    get(asked, position) {
      moveTo(position);
      return kept.get(asked);
    },
    put(asked, position, answer) {
      moveTo(position);
      if (asked.length > ASKED_LENGTH_MAX || kept.has(asked)) return;
      const weight = answer.length + 2 * asked.length;
      if (bytes + weight > bytesMax) {
        kept.clear();
        bytes = 0;
      }
      if (weight > bytesMax) return;
      kept.set(asked, answer);
      bytes += weight;
    },
  };
}

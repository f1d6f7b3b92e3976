/**
 * Logs of the control plane (klog): `I1102 09:13:03.687463       1 event.go:218] message`. Lines carry no year and no
 * zone; times are taken as UTC, as the events' own times agree with.
 */
import { MICROS_PER_MS, type Micros } from '../../../../schemas/time.ts';
import { linesOf } from '../bytes.ts';
import type { ImportSource } from '../format.ts';

interface KlogLine {
  readonly at: Micros;
  readonly message: string;
}

/** `====  START logs for container kube-scheduler of pod kube-system/kube-scheduler-k8s-master2 ====` */
const HEADER = /^=+ START logs for container (\S+) of pod (\S+) =+$/;
const LINE = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})\s+\d+ \S+?:\d+\] (.*)$/;

const DAY_MICROS = 86_400_000_000;

export interface Klog {
  /** The container, such as `kube-controller-manager`; null where the log does not name it. */
  readonly container: string | null;
  /** The node it ran on, as far as the static pod's name tells: `<container>-<node>`. */
  readonly node: string | null;
  readonly lines: readonly KlogLine[];
}

/**
 * Reads the lines that `wanted` picks by their message. `latest` is the newest time that the rest of the dump carries: a
 * line is of that year, or of the year before where it would otherwise lie more than a day after it.
 */
export async function readKlog(
  file: string,
  source: ImportSource,
  { latest, wanted }: { readonly latest: Micros; readonly wanted: RegExp },
): Promise<Klog> {
  const lines: KlogLine[] = [];
  let container: string | null = null;
  let node: string | null = null;
  for await (const line of linesOf(file, source)) {
    const header = HEADER.exec(line);
    if (header) {
      container = header[1] ?? null;
      node = nodeOf(container ?? '', header[2] ?? '');
      continue;
    }
    const match = LINE.exec(line);
    if (match && wanted.test(match[7] ?? '')) lines.push({ at: timeOf(match, latest), message: match[7] ?? '' });
  }
  return { container, node, lines };
}

function nodeOf(container: string, pod: string): string | null {
  const name = pod.slice(pod.indexOf('/') + 1);
  return name.startsWith(`${container}-`) ? name.slice(container.length + 1) : null;
}

function timeOf(match: RegExpExecArray, latest: Micros): Micros {
  const [month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0] = match.slice(1, 7).map(Number);
  const year = new Date(latest / MICROS_PER_MS).getUTCFullYear();
  const inYear = (each: number) => Date.UTC(each, month - 1, day, hour, minute, second) * MICROS_PER_MS + micros;
  const at = inYear(year);
  return (at > latest + DAY_MICROS ? inYear(year - 1) : at) as Micros;
}

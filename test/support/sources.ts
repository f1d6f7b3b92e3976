/** The source tree as the tidy test reads it: files, their lines and what they import. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface Import {
  /** Path from the root for our own files, the bare name (`node:sqlite`, `express`) otherwise. */
  readonly target: string;
  readonly ours: boolean;
  /** Nothing of it is left when types are stripped. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

const root = dirname(dirname(import.meta.dirname));
const FROM = /^\s*(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s*['"]([^'"]+)['"]/gm;
const BARE = /^\s*import\s+['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const BY_URL = /new URL\(\s*['"](\.[^'"]+\.[cm]?[jt]sx?)['"]\s*,\s*import\.meta\.url/g;

/** Every TypeScript (TSX too) and plain JavaScript file in these folders. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) =>
      globSync(`${folder}/**/*.{ts,tsx,js}`, { cwd: root, exclude: (name) => name === 'node_modules' }),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('/node_modules/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, lines: text.trimEnd().split('\n').length, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, typed, names, target] of code.matchAll(FROM)) {
    found.push(resolveImport(path, target ?? '', typed !== undefined || onlyTypes(names ?? '')));
  }
  for (const pattern of [BARE, DYNAMIC, BY_URL]) {
    for (const [, target] of code.matchAll(pattern)) found.push(resolveImport(path, target ?? '', false));
  }
  return found;
}

function resolveImport(path: string, target: string, typeOnly: boolean): Import {
  const ours = target.startsWith('.');
  return { target: ours ? normalize(join(dirname(path), target)).replaceAll('\\', '/') : target, ours, typeOnly };
}

/** Whether `{ type A, type B }` names types alone. */
function onlyTypes(names: string): boolean {
  const inside = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  const parts = (inside ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => part.startsWith('type '));
}

/** Blanks comments, keeping line breaks. Good enough for imports: none of ours hides one in a string. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1');
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components of more than one). */
export function importCycles(files: readonly SourceFile[], follows: (one: Import) => boolean): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const order = new Map<string, { index: number; low: number; onStack: boolean }>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): { index: number; low: number; onStack: boolean } => {
    const mark = { index: order.size, low: order.size, onStack: true };
    order.set(path, mark);
    stack.push(path);
    for (const next of byPath.get(path)?.imports.filter(follows) ?? []) {
      if (!byPath.has(next.target)) continue;
      const seen = order.get(next.target) ?? visit(next.target);
      if (seen.onStack) mark.low = Math.min(mark.low, seen.low);
    }
    if (mark.low === mark.index) {
      const circle = stack.splice(stack.indexOf(path));
      for (const member of circle) (order.get(member) ?? mark).onStack = false;
      if (circle.length > 1) cycles.push(circle.sort());
    }
    return mark;
  };
  for (const { path } of files) if (!order.has(path)) visit(path);
  return cycles;
}

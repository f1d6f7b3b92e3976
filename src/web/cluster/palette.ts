/** Colours and patterns of the canvas, out of the page's tokens. Each pattern says by itself what its colour says. */

export interface Palette {
  readonly color: (name: ColorName) => string;
  readonly pattern: (name: PatternName) => CanvasPattern | string;
  readonly font: string;
  readonly strong: string;
}

const COLORS = [
  'ground',
  'raised',
  'sunken',
  'line',
  'edge',
  'text',
  'muted',
  'accent',
  'accent-soft',
  'ok',
  'ok-soft',
  'warn',
  'warn-soft',
  'bad',
  'bad-soft',
  'unknown',
  'unknown-soft',
] as const;
export type ColorName = (typeof COLORS)[number];

/** lost: thin strokes upwards; overlap: thick ones; electing: strokes downwards; unknown: dots; ahead: a light grid. */
export type PatternName = 'lost' | 'overlap' | 'electing' | 'unknown';

export function readPalette(element: Element, ratio: number): Palette {
  const style = getComputedStyle(element);
  const colors = new Map(COLORS.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || '#888']));
  const color = (name: ColorName): string => colors.get(name) ?? '#888';
  const patterns = new Map<PatternName, CanvasPattern | string>();
  const family = style.fontFamily;
  return {
    color,
    font: `11px ${family}`,
    strong: `600 11px ${family}`,
    pattern(name) {
      const made = patterns.get(name) ?? makePattern(name, color, ratio);
      patterns.set(name, made);
      return made;
    },
  };
}

const SIZE = 8;

function makePattern(name: PatternName, color: Palette['color'], ratio: number): CanvasPattern | string {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE * ratio;
  canvas.height = SIZE * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return color('bad');
  context.scale(ratio, ratio);
  if (name === 'unknown') {
    context.fillStyle = color('unknown');
    for (const [x, y] of [
      [2, 2],
      [6, 6],
    ] as const)
      context.fillRect(x - 0.75, y - 0.75, 1.5, 1.5);
  } else {
    context.strokeStyle = color(name === 'electing' ? 'warn' : 'bad');
    context.lineWidth = name === 'overlap' ? 3 : 1;
    const rises = name !== 'electing';
    context.beginPath();
    for (const shift of [-SIZE, 0, SIZE]) {
      context.moveTo(shift, rises ? SIZE : 0);
      context.lineTo(shift + SIZE, rises ? 0 : SIZE);
    }
    context.stroke();
  }
  const pattern = context.createPattern(canvas, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern ?? color('bad');
}

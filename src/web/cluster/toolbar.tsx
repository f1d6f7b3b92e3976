/** What one can do with the timeline, as buttons: each key has one. */
import { useState } from 'preact/hooks';
import { place } from '../router.ts';
import { changedQuery, pathTo } from '../routes.ts';
import { queryOf } from '../timeline/address.ts';
import { textOf } from '../timeline/instants.ts';
import { KEYS } from '../timeline/keys.ts';
import { type Seen, SPEEDS } from '../timeline/seen.ts';
import { spokenTime } from '../timeline/speech.ts';
import type { Screen } from './screen.ts';

interface ToolbarProps {
  readonly screen: Screen;
  readonly seen: Seen;
  readonly hasKeys: boolean;
  onKeys(hasKeys: boolean): void;
}

export function Toolbar({ screen, seen, hasKeys, onKeys }: ToolbarProps) {
  const isPlaying = screen.player.isPlaying.value;
  return (
    <div class="tools">
      <span class="group">
        <button type="button" title="Previous event (,)" onClick={() => screen.wish({ do: 'previous' })}>
          <span aria-hidden="true">|◂</span>
          <span class="unseen">Previous event</span>
        </button>
        <button
          type="button"
          class="main play"
          title="Play or pause (space)"
          onClick={() => screen.wish({ do: 'play' })}
        >
          {isPlaying ? 'Pause' : 'Play'}
        </button>
        <button type="button" title="Next event (.)" onClick={() => screen.wish({ do: 'next' })}>
          <span aria-hidden="true">▸|</span>
          <span class="unseen">Next event</span>
        </button>
        <select
          class="field"
          aria-label="Speed"
          value={String(seen.speed)}
          onChange={({ currentTarget }) => screen.act({ do: 'speed', speed: Number(currentTarget.value) })}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed}×
            </option>
          ))}
        </select>
        <label class="check">
          <input type="checkbox" checked={seen.skips} onChange={() => screen.act({ do: 'skips' })} />
          skip dead time
        </label>
      </span>
      <ModeChoice screen={screen} seen={seen} />
      <span class="group">
        <button type="button" title="Farther (s)" onClick={() => screen.act({ do: 'zoom', factor: 2 })}>
          <span aria-hidden="true">−</span>
          <span class="unseen">Farther</span>
        </button>
        <button type="button" title="Closer (w)" onClick={() => screen.act({ do: 'zoom', factor: 0.5 })}>
          <span aria-hidden="true">+</span>
          <span class="unseen">Closer</span>
        </button>
        <button
          type="button"
          aria-pressed={seen.live}
          title="Follow the present (l)"
          onClick={() => screen.wish({ do: 'go-live' })}
        >
          Live
        </button>
      </span>
      <Marks screen={screen} seen={seen} />
      <span class="group grow">
        <input
          id="timeline-filter"
          class="field"
          type="search"
          placeholder="Filter nodes, zones, jobs"
          aria-label="Filter lanes"
          value={seen.filter}
          onInput={({ currentTarget }) => screen.act({ do: 'filter', text: currentTarget.value })}
        />
        <button
          type="button"
          aria-pressed={seen.tables}
          aria-controls="timeline-tables"
          onClick={() => screen.act({ do: 'tables' })}
        >
          Tables
        </button>
        <button
          type="button"
          aria-pressed={hasKeys}
          title="Single-letter keys while the timeline has the focus"
          onClick={() => onKeys(!hasKeys)}
        >
          Keys {hasKeys ? 'on' : 'off'}
        </button>
        <button
          type="button"
          aria-expanded={screen.isHelpShown.value}
          title="Help (?)"
          onClick={() => screen.wish({ do: 'help' })}
        >
          <span aria-hidden="true">?</span>
          <span class="unseen">Help</span>
        </button>
        <CopyLink seen={seen} />
      </span>
    </div>
  );
}

function ModeChoice({ screen, seen }: { readonly screen: Screen; readonly seen: Seen }) {
  return (
    <fieldset class="group choice">
      <legend class="unseen">Which knowledge</legend>
      {(['true', 'known'] as const).map((mode) => (
        <label
          key={mode}
          title={mode === 'true' ? 'All that is known today about that time' : 'What had been recorded by then'}
        >
          <input
            type="radio"
            name="mode"
            checked={seen.mode === mode}
            onChange={() => screen.act({ do: 'mode', mode })}
          />
          {mode === 'true' ? 'True then' : 'Known then'}
        </label>
      ))}
    </fieldset>
  );
}

function Marks({ screen, seen }: { readonly screen: Screen; readonly seen: Seen }) {
  const [one, other] = seen.marks;
  return (
    <span class="group">
      {([0, 1] as const).map((which) => {
        const mark = seen.marks[which];
        return (
          <button
            key={which}
            type="button"
            aria-pressed={mark !== null}
            title={mark === null ? `Mark ${which + 1} at the playhead (${which + 1})` : spokenTime(mark)}
            onClick={() => screen.act({ do: 'mark', which })}
          >
            Mark {which + 1}
          </button>
        );
      })}
      {one !== null && other !== null && (
        <a class="button" href={comparison(screen.id, one, other)}>
          Compare
        </a>
      )}
    </span>
  );
}

function comparison(id: string, one: number, other: number): string {
  const query = changedQuery('', { a: textOf(Math.min(one, other)), b: textOf(Math.max(one, other)) });
  return `${pathTo('/clusters/:id/compare', { id })}${query}`;
}

/** Absolute even while live: whoever opens it sees what is seen now. */
function CopyLink({ seen }: { readonly seen: Seen }) {
  const [word, setWord] = useState('Copy link');
  const copy = (): void => {
    const { path, search } = place.peek();
    const url = location.origin + path + changedQuery(search, queryOf({ ...seen, live: false }));
    // A page that is not served over a safe connection has no clipboard.
    (navigator.clipboard?.writeText(url) ?? Promise.reject(new Error('no clipboard'))).then(
      () => setWord('Copied'),
      () => prompt('The link:', url),
    );
    setTimeout(() => setWord('Copy link'), 2_000);
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">{word}</span>
    </button>
  );
}

export function KeyHelp() {
  return (
    <section class="panel" aria-labelledby="keys-title">
      <header>
        <h2 id="keys-title">Keys while the timeline has the focus</h2>
      </header>
      <dl class="inside keys">
        {KEYS.map(({ keys, says }) => (
          <div key={says}>
            <dt>
              <kbd>{keys[0] === ' ' ? 'space' : keys[0]}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>←</kbd> <kbd>→</kbd>
          </dt>
          <dd>the playhead by a step; Page up and down by twenty; Home and End</dd>
        </div>
        <div>
          <dt>drag</dt>
          <dd>lanes: earlier and later; the axis or the handle: the playhead; below: the brush</dd>
        </div>
        <div>
          <dt>
            <kbd>Ctrl</kbd> wheel
          </dt>
          <dd>closer and farther; with Shift: earlier and later</dd>
        </div>
      </dl>
    </section>
  );
}

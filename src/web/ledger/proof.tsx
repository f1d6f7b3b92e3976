/** What proves the record: its digest, a verification in this browser, and the same from the command line. */
import { useState } from 'preact/hooks';
import { Code } from '../ui/code.tsx';
import type { LedgerAnswer } from './query.ts';

type Panel = typeof import('./verify/panel.tsx').VerifyPanel;

interface ProofProps {
  /** Null while nothing is known of it. */
  readonly ledger: LedgerAnswer['ledger'] | null;
}

export function Proof({ ledger }: ProofProps) {
  return (
    <section class="panel" aria-labelledby="proof">
      <header>
        <h2 id="proof">Proof</h2>
      </header>
      <div class="inside stack">
        {ledger !== null && (
          <dl class="facts">
            <dt>Digest at position {ledger.head}</dt>
            <dd>
              {ledger.digest === null ? (
                <span class="muted">too many streams to say at once: verify, or run the command below</span>
              ) : (
                <code>{ledger.digest}</code>
              )}
            </dd>
          </dl>
        )}
        <p class="muted">
          SHA-256 over the ends of all streams. Kept elsewhere, it shows later that nothing was cut off; the chains
          inside the streams show that nothing was changed.
        </p>
        <Verify />
        <p class="muted">
          The verifier came from the same server as the record. Who trusts neither runs this beside the server, on its
          file:
        </p>
        <Code>{'musterbook checkpoint > checkpoint.json\nmusterbook verify --checkpoint checkpoint.json'}</Code>
      </div>
    </section>
  );
}

function Verify() {
  const [checkpoint, setCheckpoint] = useState('');
  /** Each press is a verification of its own, against the checkpoint as it was then. */
  const [run, setRun] = useState({ count: 0, checkpoint: '' });
  const [loaded, setLoaded] = useState<{ readonly VerifyPanel: Panel } | 'failed' | null>(null);

  function verify(): void {
    setRun(({ count }) => ({ count: count + 1, checkpoint }));
    import('./verify/panel.tsx').then(setLoaded, () => setLoaded('failed'));
  }

  return (
    <>
      <label class="stack">
        A checkpoint that was kept elsewhere, to hold it against (may be empty)
        <textarea
          class="field mono"
          rows={3}
          spellcheck={false}
          placeholder='{"position":…,"ends":"…"}'
          value={checkpoint}
          onInput={({ currentTarget }) => setCheckpoint(currentTarget.value)}
        />
      </label>
      <div class="row">
        <label>
          Checkpoint from a file{' '}
          <input
            type="file"
            onChange={({ currentTarget }) => void currentTarget.files?.[0]?.text().then(setCheckpoint)}
          />
        </label>
        <button type="button" class="main" onClick={verify}>
          Verify in this browser
        </button>
      </div>
      {loaded === 'failed' && (
        <p class="note bad" role="alert">
          The verifier could not be loaded. The server may have been updated meanwhile: load the page again.
        </p>
      )}
      {loaded !== null && loaded !== 'failed' && (
        <loaded.VerifyPanel key={run.count} checkpointText={run.checkpoint} again={verify} />
      )}
    </>
  );
}

/** What stands beside an incident's timeline. */
import { type ComponentChildren, Fragment } from 'preact';
import { hereWith } from '../router.ts';
import { changedQuery, pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { At } from '../ui/time.tsx';
import { EventLink } from './event-link.tsx';
import type { Evidence, Incident, Story } from './query.ts';
import { measureWords } from './story.ts';
import { ImpactChip, StatusChip } from './words.tsx';

interface SidesProps {
  readonly incident: Incident;
  readonly story: Story;
  readonly canChange: boolean;
}

export function Sides({ incident, story, canChange }: SidesProps) {
  return (
    <aside aria-label="Facts">
      <Facts incident={incident} />
      <Measures story={story} />
      <ActionItems incident={incident} canChange={canChange} />
      <Responders incident={incident} canChange={canChange} />
      <EvidenceList incident={incident} canChange={canChange} />
      <Gaps story={story} />
    </aside>
  );
}

interface PartProps {
  readonly title: string;
  /** The form that adds to it. */
  readonly add?: readonly [form: string, words: string] | false;
  readonly children: ComponentChildren;
}

function Part({ title, add, children }: PartProps) {
  return (
    <section>
      <h2>
        {title}
        {add && (
          <a id={add[0]} href={hereWith({ do: add[0], of: null })}>
            {add[1]}
          </a>
        )}
      </h2>
      {children}
    </section>
  );
}

type Fact = readonly [name: string, value: ComponentChildren];

/** Values that are null are left out. */
function FactList({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value], index) =>
        value === null ? null : (
          <Fragment key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

function Facts({ incident }: Pick<SidesProps, 'incident'>) {
  const { duplicateOf, components, clusters, impactStartedAt, impactEndedAt } = incident;
  return (
    <Part title="Facts">
      <FactList
        facts={[
          ['Status', <StatusChip status={incident.status} />],
          [
            'Impact',
            <>
              <ImpactChip impact={incident.impact} /> {incident.impactOpen && <Chip tone="bad">open</Chip>}
            </>,
          ],
          ['Began', <At time={impactStartedAt} />],
          ['Ended', <At time={impactEndedAt} />],
          ['Declared', <At time={incident.declaredAt} />],
          ['Resolved', <At time={incident.resolvedAt} />],
          ['Severity', incident.severity],
          ['Shown to', incident.visibility === 'public' ? 'everyone' : 'those who sign in'],
          ['Came from', incident.origin],
          [
            'Duplicate of',
            duplicateOf && <a href={pathTo('/incidents/:id', { id: duplicateOf.id })}>{duplicateOf.title}</a>,
          ],
          ...components.map(
            ({ component, status }): Fact => [
              'Component',
              <>
                {component.name} {status !== null && <Chip>{status.replaceAll('_', ' ')}</Chip>}
              </>,
            ],
          ),
          ...clusters.map(
            ({ id }): Fact => [
              'Cluster',
              <span class="row">
                <a class="mono" href={pathTo('/clusters/:id', { id })}>
                  {id}
                </a>
                {impactStartedAt !== null && impactEndedAt !== null && (
                  <a href={compareLink(id, impactStartedAt, impactEndedAt)}>start against end</a>
                )}
              </span>,
            ],
          ),
        ]}
      />
    </Part>
  );
}

function compareLink(id: string, from: string, to: string): string {
  return pathTo('/clusters/:id/compare', { id }) + changedQuery('', { a: from, b: to });
}

function Measures({ story: { measures, absentMeasures } }: Pick<SidesProps, 'story'>) {
  return (
    <Part title="Measures">
      <FactList
        facts={[
          ...measures.map(
            (measure): Fact => [
              measure.name,
              <>
                <strong>{measureWords(measure)}</strong>{' '}
                <span class="hint">
                  from{' '}
                  {measure.anchors.map((anchor, index) => (
                    <Fragment key={index}>
                      {index > 0 && ' to '}
                      <EventLink event={anchor} />
                    </Fragment>
                  ))}
                </span>
              </>,
            ],
          ),
          ...absentMeasures.map(({ name, reason }): Fact => [name, <span class="hint">not known: {reason}</span>]),
        ]}
      />
    </Part>
  );
}

function ActionItems({ incident: { actionItems }, canChange }: Omit<SidesProps, 'story'>) {
  return (
    <Part title="Action items" add={canChange && ['add-item', 'Add']}>
      {actionItems.length === 0 && <p class="muted">None on record.</p>}
      <ul>
        {actionItems.map(({ id, title, kind, owner, dueAt, completedAt }) => (
          <li key={id}>
            {title}{' '}
            <span class="row hint">
              {completedAt === null ? <Chip tone="warn">open</Chip> : <Chip tone="ok">done</Chip>}
              {kind}
              {owner !== null && `, ${owner}`}
              {completedAt !== null && <At time={completedAt} />}
              {completedAt === null && dueAt !== null && (
                <span>
                  due <At time={dueAt} />
                </span>
              )}
              {canChange && completedAt === null && (
                <a id={`complete-item-${id}`} href={hereWith({ do: 'complete-item', of: id })}>
                  Complete<span class="unseen"> {title}</span>
                </a>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Responders({ incident: { responders }, canChange }: Omit<SidesProps, 'story'>) {
  return (
    <Part title="Responders" add={canChange && ['notify', 'Note that someone was told']}>
      {responders.length === 0 && <p class="muted">Nobody on record.</p>}
      <ul>
        {responders.map(({ responder, role, notifiedAt, acknowledgedAt }) => (
          <li key={responder}>
            <strong>{responder}</strong> {role !== null && <span class="muted">{role}</span>}
            <div class="hint">
              told <At time={notifiedAt} />, answered{' '}
              {acknowledgedAt === null && canChange ? (
                <>
                  not yet{' '}
                  <a id={`acknowledge-${responder}`} href={hereWith({ do: 'acknowledge', of: responder })}>
                    Note it<span class="unseen"> for {responder}</span>
                  </a>
                </>
              ) : (
                <At time={acknowledgedAt} />
              )}
            </div>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function EvidenceList({ incident: { evidence }, canChange }: Omit<SidesProps, 'story'>) {
  return (
    <Part title="Evidence" add={canChange && ['link', 'Link']}>
      {evidence.length === 0 && <p class="muted">No stretch of history is linked.</p>}
      <ul>
        {evidence.map((each) => (
          <li key={each.event.position}>
            <a class="mono" href={evidenceLink(each)}>
              {each.clusterId}
            </a>{' '}
            <EventLink event={each.event} />
            <div class="hint">
              <At time={each.from} /> to <At time={each.to} />
            </div>
            {each.note}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function evidenceLink({ clusterId, from, to }: Evidence): string {
  return pathTo('/clusters/:id', { id: clusterId }) + changedQuery('', { from, to });
}

function Gaps({ story: { gaps } }: Pick<SidesProps, 'story'>) {
  if (gaps.length === 0) return null;
  return (
    <Part title="Gaps">
      <ul>
        {gaps.map(({ collector, from, to, reason, event }) => (
          <li key={event.position}>
            <Chip tone="unknown">not seen</Chip> <span class="mono">{collector}</span>: {reason}{' '}
            <EventLink event={event} />
            <div class="hint">
              <At time={from} /> to <At time={to} />
            </div>
          </li>
        ))}
      </ul>
    </Part>
  );
}

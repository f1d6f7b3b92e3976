/** What stands beside an incident's timeline. */
import { type ComponentChildren, Fragment } from 'preact';
import { hereWith } from '../router.ts';
import { changedQuery, pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { At } from '../ui/time.tsx';
import type { Cited, Evidence, Incident, Story } from './query.ts';
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

function Facts({ incident }: Pick<SidesProps, 'incident'>) {
  const { status, impact, severity, visibility, duplicateOf, components, clusters, origin } = incident;
  return (
    <Part title="Facts">
      <dl class="facts">
        <dt>Status</dt>
        <dd>
          <StatusChip status={status} />
        </dd>
        <dt>Impact</dt>
        <dd>
          <ImpactChip impact={impact} /> {incident.impactOpen && <Chip tone="bad">open</Chip>}
        </dd>
        <dt>Began</dt>
        <dd>
          <At time={incident.impactStartedAt} />
        </dd>
        <dt>Ended</dt>
        <dd>
          <At time={incident.impactEndedAt} />
        </dd>
        <dt>Declared</dt>
        <dd>
          <At time={incident.declaredAt} />
        </dd>
        <dt>Resolved</dt>
        <dd>
          <At time={incident.resolvedAt} />
        </dd>
        {severity !== null && (
          <>
            <dt>Severity</dt>
            <dd>{severity}</dd>
          </>
        )}
        <dt>Shown to</dt>
        <dd>{visibility === 'public' ? 'everyone' : 'those who sign in'}</dd>
        {origin !== null && (
          <>
            <dt>Came from</dt>
            <dd>{origin}</dd>
          </>
        )}
        {duplicateOf !== null && (
          <>
            <dt>Duplicate of</dt>
            <dd>
              <a href={pathTo('/incidents/:id', { id: duplicateOf.id })}>{duplicateOf.title}</a>
            </dd>
          </>
        )}
        {components.map(({ component, status: stated }) => (
          <Fragment key={component.id}>
            <dt>Component</dt>
            <dd>
              {component.name} {stated !== null && <Chip>{stated.replaceAll('_', ' ')}</Chip>}
            </dd>
          </Fragment>
        ))}
        {clusters.map(({ id }) => (
          <Fragment key={id}>
            <dt>Cluster</dt>
            <dd class="row">
              <a class="mono" href={pathTo('/clusters/:id', { id })}>
                {id}
              </a>
              {incident.impactStartedAt !== null && incident.impactEndedAt !== null && (
                <a href={compareLink(id, incident.impactStartedAt, incident.impactEndedAt)}>start against end</a>
              )}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Part>
  );
}

function compareLink(id: string, from: string, to: string): string {
  return pathTo('/clusters/:id/compare', { id }) + changedQuery('', { a: from, b: to });
}

function EventLink({ event: { position } }: { readonly event: Cited }) {
  return (
    <a class="mono" href={pathTo('/events/:position', { position })}>
      <span class="unseen">Event </span>
      {position}
    </a>
  );
}

function Measures({ story: { measures, absentMeasures } }: Pick<SidesProps, 'story'>) {
  return (
    <Part title="Measures">
      <dl class="facts">
        {measures.map((measure) => (
          <Fragment key={measure.name}>
            <dt>{measure.name}</dt>
            <dd>
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
            </dd>
          </Fragment>
        ))}
        {absentMeasures.map(({ name, reason }) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd class="hint">not known: {reason}</dd>
          </Fragment>
        ))}
      </dl>
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

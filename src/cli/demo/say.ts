/** Events in a few words. */
import { plain } from '../print/text.ts';
import type { DemoEvent } from './state.ts';

type Words = (said: (name: string) => string) => string;

const WORDS: Readonly<Record<string, Words>> = {
  ComponentRegistered: (said) => said('name'),
  ComponentStatusChanged: (said) => said('status').replaceAll('_', ' '),
  NodeJoined: (said) => said('nodeId'),
  NodeLeft: (said) => withReason(said('nodeId'), said('reason')),
  HeartbeatLost: (said) => withReason(said('nodeId'), said('observerId') && `says ${said('observerId')}`),
  HeartbeatRestored: (said) => withReason(said('nodeId'), said('observerId') && `says ${said('observerId')}`),
  LeaderLost: (said) => withReason(said('leaderId'), said('reason').replaceAll('_', ' ')),
  ElectionStarted: (said) => `term ${said('term')}, ${said('candidateId')} stands`,
  LeaderElected: (said) =>
    `${said('leaderId')} leads${said('term') && ` in term ${said('term')}`}${said('votes') && `, ${said('votes')} of ${said('electorate') || '?'} votes`}`,
  FollowerAttached: (said) => `${said('nodeId')} follows ${said('leaderId')}`,
  FollowerDetached: (said) => `${said('nodeId')} follows no more: ${said('reason')}`,
  JobSubmitted: (said) =>
    said('jobId') === said('groupId') ? `${said('instances')} × ${said('jobId')}` : said('jobId'),
  JobAssigned: (said) => `${said('jobId')} to ${said('nodeId')}`,
  JobStarted: (said) => `${said('jobId')} runs on ${said('nodeId')}`,
  JobUnassigned: (said) => `${said('jobId')} off ${said('nodeId')}: ${said('reason')}`,
  JobCompleted: (said) => `${said('jobId')} on ${said('nodeId')}`,
  JobFailed: (said) => withReason(`${said('jobId')} on ${said('nodeId')}`, said('error')),
  AnomalyDetected: (said) => `${said('severity')}: ${said('message')}`,
  AnomalyCleared: (said) => withReason(said('anomalyId'), said('reason')),
  DeploymentStarted: (said) => said('description'),
  DeploymentFinished: (said) => said('outcome'),
  MaintenanceScheduled: (said) => said('title'),
  IncidentDeclared: (said) => `${said('status')}: ${said('title')}`,
  IncidentUpdated: (said) => `${said('status')}: ${said('message')}`,
  EvidenceLinked: (said) => said('clusterId'),
  PostmortemPublished: () => 'what happened and why',
};

function withReason(what: string, reason: string): string {
  return reason === '' ? what : `${what}: ${reason}`;
}

/** What an event says, on one line; empty where its name says it all. */
export function wordsOf({ type, data }: DemoEvent): string {
  const words = WORDS[nameOf(type)];
  const said = (name: string): string => {
    const value = data[name];
    return typeof value === 'string' || typeof value === 'number' ? plain(value) : '';
  };
  return words === undefined ? '' : words(said);
}

/** `LeaderElected` for `io.musterbook.LeaderElected`. */
export function nameOf(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}

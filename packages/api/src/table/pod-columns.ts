/**
 * Columns of a Pod. STATUS is one word for the whole Pod: what keeps it from running, looked for in the conditions of
 * the Pod, then in its init containers (the first that is not done decides, as they run one after the other), then
 * in its containers (the first in order that has something to say wins, so they are read backwards).
 */
import type { ApiObject } from '@afflux/resources';
import { ageOf, momentOf } from '@afflux/resources/text';
import type { Columns, RowCondition } from './column.ts';
import { ageColumn, nameColumn, textColumn } from './column.ts';
import { listAt, memberAt, numberAt, orNone, textAt } from './members.ts';

/** What is known so far of a Pod while its containers are read. */
interface PodState {
  reason: string;
  ready: number;
  restarts: number;
  /** RFC 3339; empty when nothing was restarted. */
  restartedAt: string;
}

/** A container that is started once and stays is a sidecar, though it stands among the init containers. */
function isSidecar(container: unknown): boolean {
  return textAt(container, 'restartPolicy') === 'Always';
}

function laterOf(left: string, right: string): string {
  return (momentOf(right) ?? -Infinity) > (momentOf(left) ?? -Infinity) ? right : left;
}

function countRestarts(state: PodState, status: unknown): void {
  state.restarts += numberAt(status, 'restartCount');
  const finishedAt = textAt(status, 'lastState', 'terminated', 'finishedAt');
  state.restartedAt = laterOf(state.restartedAt, finishedAt);
}

function endText(terminated: unknown): string {
  const signal = numberAt(terminated, 'signal');
  return (
    textAt(terminated, 'reason') ||
    (signal !== 0
      ? `Signal:${String(signal)}`
      : `ExitCode:${String(numberAt(terminated, 'exitCode'))}`)
  );
}

function isTrue(pod: ApiObject, type: string): boolean {
  return listAt(pod.status, 'conditions').some(
    (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
  );
}

function isGated(pod: ApiObject): boolean {
  return listAt(pod.status, 'conditions').some(
    (condition) =>
      textAt(condition, 'type') === 'PodScheduled' &&
      textAt(condition, 'reason') === 'SchedulingGated',
  );
}

/** What an init container says of the Pod; undefined when it lets the next one run. */
function initReason(status: unknown, index: number, count: number): string | undefined {
  const terminated = memberAt(status, 'state', 'terminated');
  if (terminated !== undefined) {
    return numberAt(terminated, 'exitCode') === 0 ? undefined : `Init:${endText(terminated)}`;
  }
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
  return `Init:${String(index)}/${String(count)}`;
}

/** Reads the init containers up to the first that is not done; true when there is one. */
function readInitContainers(pod: ApiObject, state: PodState, sidecarState: PodState): boolean {
  const containers = listAt(pod.spec, 'initContainers');
  const sidecars = new Set(containers.filter(isSidecar).map((each) => textAt(each, 'name')));
  for (const [index, status] of listAt(pod.status, 'initContainerStatuses').entries()) {
    countRestarts(state, status);
    const isOfSidecar = sidecars.has(textAt(status, 'name'));
    if (isOfSidecar) countRestarts(sidecarState, status);
    if (isOfSidecar && memberAt(status, 'started') === true && !hasEnded(status)) {
      if (memberAt(status, 'ready') === true) state.ready += 1;
      continue;
    }
    const reason = initReason(status, index, containers.length);
    if (reason === undefined) continue;
    state.reason = reason;
    return true;
  }
  return false;
}

function hasEnded(status: unknown): boolean {
  const terminated = memberAt(status, 'state', 'terminated');
  return terminated !== undefined && numberAt(terminated, 'exitCode') === 0;
}

function readContainers(pod: ApiObject, state: PodState): void {
  let hasRunning = false;
  for (const status of [...listAt(pod.status, 'containerStatuses')].reverse()) {
    countRestarts(state, status);
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const terminated = memberAt(status, 'state', 'terminated');
    if (waiting !== '') state.reason = waiting;
    else if (terminated !== undefined) state.reason = endText(terminated);
    else if (
      memberAt(status, 'ready') === true &&
      memberAt(status, 'state', 'running') !== undefined
    ) {
      hasRunning = true;
      state.ready += 1;
    }
  }
  if (state.reason === 'Completed' && hasRunning) {
    state.reason = isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  }
}

function stateOf(pod: ApiObject): PodState {
  const phase = textAt(pod.status, 'phase');
  const reason = isGated(pod) ? 'SchedulingGated' : textAt(pod.status, 'reason') || phase;
  const state: PodState = { reason, ready: 0, restarts: 0, restartedAt: '' };
  const sidecarState: PodState = { ...state };
  const isInitializing = readInitContainers(pod, state, sidecarState);
  if (!isInitializing || isTrue(pod, 'Initialized')) {
    // Restarts of init containers that are done do not count any more.
    state.restarts = sidecarState.restarts;
    state.restartedAt = sidecarState.restartedAt;
    readContainers(pod, state);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (textAt(pod.status, 'reason') === 'NodeLost') state.reason = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') state.reason = 'Terminating';
  }
  return state;
}

function gatesText(pod: ApiObject): string {
  const gates = listAt(pod.spec, 'readinessGates').map((gate) => textAt(gate, 'conditionType'));
  if (gates.length === 0) return '';
  const open = gates.filter((type) => isTrue(pod, type)).length;
  return `${String(open)}/${String(gates.length)}`;
}

function restartsText({ restarts, restartedAt }: PodState, nowMs: number): string {
  if (restarts === 0 || restartedAt === '') return String(restarts);
  return `${String(restarts)} (${ageOf(restartedAt, nowMs)} ago)`;
}

function doneCondition(pod: ApiObject): readonly RowCondition[] | undefined {
  const reason = textAt(pod.status, 'phase');
  if (reason !== 'Succeeded' && reason !== 'Failed') return undefined;
  const message = reason === 'Failed' ? 'The pod failed.' : 'The pod has completed successfully.';
  return [{ type: 'Completed', status: 'True', reason, message }];
}

export const POD_COLUMNS: Columns = {
  definitions: [
    nameColumn(),
    textColumn('Ready', 'Containers that are ready, of all.'),
    textColumn('Status', 'What the Pod does, or what keeps it from running.'),
    textColumn('Restarts', 'How often its containers were started anew, and when last.'),
    ageColumn(),
    textColumn('IP', 'Address of the Pod.', 1),
    textColumn('Node', 'Where it runs.', 1),
    textColumn('Nominated Node', 'Where room is being made for it.', 1),
    textColumn('Readiness Gates', 'Conditions that hold, of those it is to wait for.', 1),
  ],
  cells: (pod, nowMs) => {
    const state = stateOf(pod);
    const total =
      listAt(pod.spec, 'containers').length +
      listAt(pod.spec, 'initContainers').filter(isSidecar).length;
    return [
      pod.metadata.name,
      `${String(state.ready)}/${String(total)}`,
      state.reason,
      restartsText(state, nowMs),
      ageOf(pod.metadata.creationTimestamp, nowMs),
      orNone(textAt(listAt(pod.status, 'podIPs')[0], 'ip') || textAt(pod.status, 'podIP')),
      orNone(textAt(pod.spec, 'nodeName')),
      orNone(textAt(pod.status, 'nominatedNodeName')),
      orNone(gatesText(pod)),
    ];
  },
  conditions: doneCondition,
};

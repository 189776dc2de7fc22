/** Messages of the groups `coordination.k8s.io` and `autoscaling` in `k8s.io/api`; sources as in `core.ts`. */
import { MICRO_TIME } from '../converted-types.ts';
import { kept, message, value } from '../message.ts';
import { OBJECT_META } from './meta.ts';

const LEASE_SPEC = message('LeaseSpec', {
  1: kept('holderIdentity', 'string'),
  2: kept('leaseDurationSeconds', 'int32'),
  3: kept('acquireTime', MICRO_TIME),
  4: kept('renewTime', MICRO_TIME),
  5: kept('leaseTransitions', 'int32'),
  6: kept('strategy', 'string'),
  7: kept('preferredHolder', 'string'),
});

export const LEASE = message('Lease', {
  1: kept('metadata', OBJECT_META),
  2: kept('spec', LEASE_SPEC),
});

/** What clients write to the subresource `scale`. */
export const SCALE = message('Scale', {
  1: kept('metadata', OBJECT_META),
  2: kept('spec', message('ScaleSpec', { 1: value('replicas', 'int32') })),
  3: kept(
    'status',
    message('ScaleStatus', { 1: kept('replicas', 'int32'), 2: value('selector', 'string') }),
  ),
});

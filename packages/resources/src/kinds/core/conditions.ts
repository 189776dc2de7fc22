/** Conditions as Kubernetes' own kinds have them: without a severity, with a generation. */
import { z } from 'zod';

/** Schema of one such condition. */
export const coreConditionSchema = z.strictObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().exactOptional(),
  lastTransitionTime: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

/** `kubectl apply`: client-side, server-side, dry runs, pruning, differences. */
import { testTranscript } from './run-transcript.ts';

testTranscript('apply');

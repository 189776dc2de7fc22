/** `kubectl get`, `describe`, `explain`, `logs`. */
import { testTranscript } from './run-transcript.ts';

testTranscript('read');

/** `kubectl delete` and `kubectl wait`. */
import { testTranscript } from './run-transcript.ts';

testTranscript('delete');

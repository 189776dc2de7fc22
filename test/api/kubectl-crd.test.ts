/** kubectl with kinds of the user's own. */
import { testTranscript } from './run-transcript.ts';

testTranscript('crd');

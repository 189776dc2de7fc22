/** kubectl with controllers at work. */
import { testTranscript } from './run-transcript.ts';

testTranscript('afflux');

import { playPart } from './weeks.ts';

playPart(2);

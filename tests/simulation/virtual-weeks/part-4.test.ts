import { playPart } from './weeks.ts';

playPart(3);

import { repeatHere } from "./parts/repeat-here.ts";

repeatHere();

import { ran } from "./../ran.js";

export const load = ({ request }) => ran("/", request);

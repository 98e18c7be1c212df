import { ran } from "../../../ran.js";

export const load = ({ request }) => ran("/members/:id", request);

import { ran } from "../../../ran.js";

export const load = ({ request }) => ran("/open/secret", request);

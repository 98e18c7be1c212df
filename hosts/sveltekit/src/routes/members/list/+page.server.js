import { ran } from "../../../ran.js";

export const load = ({ request }) => ran("/members/list", request);

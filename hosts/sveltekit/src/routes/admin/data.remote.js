import { command, form, getRequestEvent, query } from "$app/server";
import { ran } from "../../ran.js";

/** @param {string} name */
const here = (name) => {
	ran(name, getRequestEvent().request);
	return { secret: name };
};

export const secrets = query(async () => here("query of /admin"));
export const wipe = command(async () => here("command of /admin"));
export const remove = form("unchecked", async () => here("form of /admin"));

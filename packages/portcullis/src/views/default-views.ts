import { callbackView } from "./callback.ts";
import { errorView } from "./error.ts";
import { forbiddenView } from "./forbidden.ts";
import { loginView } from "./login.ts";
import { logoutView } from "./logout.ts";
import type { Views } from "./types.ts";

/** What the gate renders where the app brings no view of its own. */
export const defaultViews: Views = Object.freeze({
	login: loginView,
	callback: callbackView,
	logout: logoutView,
	forbidden: forbiddenView,
	error: errorView,
});

import { ApiError } from "./api.ts";

/** Words for a person. */
export function messageOf(error: unknown): string {
	return error instanceof ApiError ? error.message : "Something went wrong. Reload the page to try again.";
}

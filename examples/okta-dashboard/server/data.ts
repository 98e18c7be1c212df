import { topic } from "./auth.ts";
import { Directory } from "./directory.ts";

/** What all clients share; a database in an app that is not an example. */
export const directory = new Directory();
/** A person in the directory has changed. */
export const peopleTopic = topic("people");
/** There is a new entry in the audit log. */
export const auditTopic = topic("audit");

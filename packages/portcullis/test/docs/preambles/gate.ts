import { portcullis } from "portcullis";

const auth = portcullis();
const gate = auth.gate();

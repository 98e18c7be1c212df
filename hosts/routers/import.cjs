// Tests load the fixtures by this, so that Node itself imports them and nothing transforms them on the way.
module.exports = (/** @type {string} */ address) => import(address);

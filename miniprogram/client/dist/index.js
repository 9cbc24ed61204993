// What `require("wxpass-client")` finds.
module.exports = require("./wxpass.js");

module.exports = { default: "late", named: require("./named.cjs") };

// SPDX-License-Identifier: Apache-2.0
// Technology map: a cover point becomes the claim that it is never reached, for the solver to refute.
module \$cover (input A, input EN);
  \$assert _TECHMAP_REPLACE_ (.A(!A), .EN(EN));
endmodule

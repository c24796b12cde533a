// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// link_test.cc: linked with one folder's library and nothing it did not declare.
int main() { return 0; }

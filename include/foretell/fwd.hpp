// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace foretell {

class Error;
class Shape;
class Table;
template <class T>
class Graph;
template <class T>
class Layer;
template <class T>
class Model;
template <class T>
class Network;
template <class T>
class Sequential;
template <class T>
class Bundle;
template <class T>
class Predictor;

}  // namespace foretell
